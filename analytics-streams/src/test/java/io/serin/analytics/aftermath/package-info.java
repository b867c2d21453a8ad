@NullMarked
package io.serin.analytics.aftermath;

import org.jspecify.annotations.NullMarked;
