/**
 * What the topics say of every rollout and router, as the control API, the console and /metrics
 * show it.
 */
@NullMarked
package io.serin.analytics.view;

import org.jspecify.annotations.NullMarked;
