@NullMarked
package io.serin.analytics.api;

import org.jspecify.annotations.NullMarked;
