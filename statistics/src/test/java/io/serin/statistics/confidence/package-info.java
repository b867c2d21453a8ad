@NullMarked
package io.serin.statistics.confidence;

import org.jspecify.annotations.NullMarked;
