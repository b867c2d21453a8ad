/** JSON as commands and services write it. */
@NullMarked
package io.serin.schemas.json;

import org.jspecify.annotations.NullMarked;
