@NullMarked
package io.serin.analytics.policy;

import org.jspecify.annotations.NullMarked;
