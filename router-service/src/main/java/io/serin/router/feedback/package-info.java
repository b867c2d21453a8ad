/**
 * Feedback on served requests: signed request ids that carry their own attribution, and reading
 * what clients say. Pure.
 */
@NullMarked
package io.serin.router.feedback;

import org.jspecify.annotations.NullMarked;
