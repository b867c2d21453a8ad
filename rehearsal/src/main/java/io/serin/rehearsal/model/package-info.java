/** A server of OpenAI's API that answers as recorded. */
@NullMarked
package io.serin.rehearsal.model;

import org.jspecify.annotations.NullMarked;
