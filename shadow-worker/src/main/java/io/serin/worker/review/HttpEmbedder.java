package io.serin.worker.review;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.serin.comparison.review.Embedder;
import io.serin.comparison.review.PortException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/** Embeds by {@code POST /embeddings}, 64 texts a call. */
public final class HttpEmbedder implements Embedder {
  private static final int BATCH = 64;

  /** Characters of a text that are embedded: models have a bound of their own. */
  private static final int LONGEST = 8_000;

  private final JsonEndpoint endpoint;
  private final String model;
  private final AtomicLong tokens = new AtomicLong();

  public HttpEmbedder(JsonEndpoint endpoint, String model) {
    this.endpoint = endpoint;
    this.model = model;
  }

  /** Tokens that were embedded so far, as far as the server says. */
  public long tokens() {
    return tokens.get();
  }

  @Override
  public List<float[]> embed(List<String> texts) throws PortException {
    List<float[]> vectors = new ArrayList<>(texts.size());
    for (int from = 0; from < texts.size(); from += BATCH) {
      vectors.addAll(batch(texts.subList(from, Math.min(texts.size(), from + BATCH))));
    }
    return vectors;
  }

  private List<float[]> batch(List<String> texts) throws PortException {
    ObjectNode body = JsonNodeFactory.instance.objectNode();
    body.put("model", model);
    ArrayNode input = body.putArray("input");
    texts.forEach(text -> input.add(text.substring(0, Math.min(text.length(), LONGEST))));
    JsonNode answer = endpoint.post("/embeddings", body);
    tokens.addAndGet(answer.path("usage").path("prompt_tokens").asLong(0));
    JsonNode data = answer.path("data");
    if (data.size() != texts.size()) {
      throw new PortException(
          "/embeddings gave " + data.size() + " vectors for " + texts.size() + " texts");
    }
    float[][] vectors = new float[texts.size()][];
    for (int i = 0; i < data.size(); i++) {
      JsonNode embedding = data.get(i).path("embedding");
      int at = data.get(i).path("index").asInt(i);
      if (at < 0 || at >= vectors.length || embedding.isEmpty()) {
        throw new PortException("/embeddings gave no vector at " + i);
      }
      float[] vector = new float[embedding.size()];
      for (int d = 0; d < vector.length; d++) {
        vector[d] = (float) embedding.get(d).asDouble();
      }
      vectors[at] = vector;
    }
    return List.of(vectors);
  }
}
