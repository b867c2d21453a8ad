/**
 * HTTP as the router speaks it: which headers pass, bodies within bounds, keys, tokens, CORS and
 * compression. Nothing here knows a rollout's state.
 */
@NullMarked
package io.serin.router.http;

import org.jspecify.annotations.NullMarked;
