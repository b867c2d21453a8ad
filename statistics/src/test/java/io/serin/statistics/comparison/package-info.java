@NullMarked
package io.serin.statistics.comparison;

import org.jspecify.annotations.NullMarked;
