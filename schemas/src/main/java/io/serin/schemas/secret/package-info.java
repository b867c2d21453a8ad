/** Reads secrets by reference, by one rule for every service. */
@NullMarked
package io.serin.schemas.secret;

import org.jspecify.annotations.NullMarked;
