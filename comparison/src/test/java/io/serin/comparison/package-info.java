@NullMarked
package io.serin.comparison;

import org.jspecify.annotations.NullMarked;
