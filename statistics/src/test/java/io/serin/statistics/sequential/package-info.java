@NullMarked
package io.serin.statistics.sequential;

import org.jspecify.annotations.NullMarked;
