/** Reading and writing what OpenAI-compatible clients and servers say. Pure: no I/O, no clock. */
@NullMarked
package io.serin.openai.answer;

import org.jspecify.annotations.NullMarked;
