/**
 * Opaque state of conversations: finding, marking and taking out what one model made and only that
 * model, or its server, understands. Pure.
 */
@NullMarked
package io.serin.openai.state;

import org.jspecify.annotations.NullMarked;
