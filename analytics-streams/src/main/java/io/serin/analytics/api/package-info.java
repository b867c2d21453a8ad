/** The control API: what people ask of rollouts, and what they see. */
@NullMarked
package io.serin.analytics.api;

import org.jspecify.annotations.NullMarked;
