@NullMarked
package io.serin.statistics.design;

import org.jspecify.annotations.NullMarked;
