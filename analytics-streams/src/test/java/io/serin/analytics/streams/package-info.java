@NullMarked
package io.serin.analytics.streams;

import org.jspecify.annotations.NullMarked;
