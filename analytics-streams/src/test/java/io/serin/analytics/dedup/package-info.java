@NullMarked
package io.serin.analytics.dedup;

import org.jspecify.annotations.NullMarked;
