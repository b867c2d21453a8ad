/**
 * Tells people's own systems, over HTTP, what happens to their rollouts. Start reading at {@link
 * io.serin.analytics.notify.Notifier}.
 */
@NullMarked
package io.serin.analytics.notify;

import org.jspecify.annotations.NullMarked;
