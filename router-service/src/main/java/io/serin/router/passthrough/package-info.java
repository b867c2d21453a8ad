/**
 * Requests that no evidence is about, handed to one variant and back as they are. Everything here
 * runs on event loops and never blocks them.
 */
@NullMarked
package io.serin.router.passthrough;

import org.jspecify.annotations.NullMarked;
