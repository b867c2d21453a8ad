/** What every HTTP port of Serin checks before it answers. */
@NullMarked
package io.serin.schemas.http;

import org.jspecify.annotations.NullMarked;
