@NullMarked
package io.serin.statistics.sketch;

import org.jspecify.annotations.NullMarked;
