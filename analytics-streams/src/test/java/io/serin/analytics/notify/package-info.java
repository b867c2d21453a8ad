@NullMarked
package io.serin.analytics.notify;

import org.jspecify.annotations.NullMarked;
