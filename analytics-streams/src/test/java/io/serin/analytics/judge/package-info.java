@NullMarked
package io.serin.analytics.judge;

import org.jspecify.annotations.NullMarked;
