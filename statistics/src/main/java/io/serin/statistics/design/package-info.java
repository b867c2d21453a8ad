/** Planning: power, sample sizes, group-sequential bounds, the limit no test can beat. */
@NullMarked
package io.serin.statistics.design;

import org.jspecify.annotations.NullMarked;
