/**
 * What a request continues: which variant made the state that it brings back, and what others get.
 */
@NullMarked
package io.serin.router.conversation;

import org.jspecify.annotations.NullMarked;
