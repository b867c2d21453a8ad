package io.serin.openai.answer;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;

/** llama.cpp's own endpoint: a content string, and "stop": true on the last chunk. */
final class LlamaDialect {

  private final AnswerBuilder answer;

  LlamaDialect(AnswerBuilder answer) {
    this.answer = answer;
  }

  void stop(JsonParser json) throws IOException {
    if (json.currentToken() == JsonToken.VALUE_TRUE) {
      answer.finish();
      if (answer.finishReason() == null) {
        answer.finishReason("stop");
      }
    } else {
      json.skipChildren();
    }
  }

  void stopType(JsonParser json) throws IOException {
    if ("limit".equals(JsonValues.string(json))) {
      answer.finishReason("length");
    }
  }

  void stoppedLimit(JsonParser json) throws IOException {
    if (json.currentToken() == JsonToken.VALUE_TRUE) {
      answer.finishReason("length");
    } else {
      json.skipChildren();
    }
  }
}
