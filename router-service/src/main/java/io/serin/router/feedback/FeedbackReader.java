package io.serin.router.feedback;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads {@code {"request_id", "kind": "thumb|score|label|comment", "value" | "label"}}.
 * Thread-safe.
 *
 * <p>A thumb's value is −1 or 1 ("up" and "down", true and false are read too); a score's any
 * finite number; a label or comment is a text of at most {@link #MAX_TEXT} characters in "label".
 */
public final class FeedbackReader {

  /** The longest label or comment, in characters. */
  public static final int MAX_TEXT = 2000;

  /** The longest list, in feedbacks. */
  public static final int MAX_LIST = 1000;

  private static final ObjectMapper JSON = new ObjectMapper();

  private final RequestIds ids;

  /** Reads ids that this ring signed. */
  public FeedbackReader(RequestIds ids) {
    this.ids = ids;
  }

  /**
   * Reads one feedback.
   *
   * @throws FeedbackException where it cannot be taken
   */
  public Feedback read(byte[] body) {
    return read(parse(body));
  }

  /**
   * The feedbacks of {@code {"feedback": [...]}}, unread, at most {@link #MAX_LIST}.
   *
   * @throws FeedbackException where the body is no such list
   */
  public List<JsonNode> list(byte[] body) {
    JsonNode list = parse(body).path("feedback");
    if (!list.isArray()) {
      throw new FeedbackException("feedback", "feedback: is required, a list of feedbacks");
    }
    if (list.size() > MAX_LIST) {
      throw new FeedbackException(
          "feedback", "feedback: " + list.size() + " entries, at most " + MAX_LIST + " are taken");
    }
    List<JsonNode> entries = new ArrayList<>();
    list.forEach(entries::add);
    return entries;
  }

  /**
   * Reads one feedback of a list.
   *
   * @throws FeedbackException where it cannot be taken
   */
  public Feedback read(JsonNode json) {
    String text = requiredText(json, "request_id");
    RequestId about =
        ids.read(text)
            .orElseThrow(
                () ->
                    new FeedbackException(
                        "request_id",
                        "request_id: must be the x-request-id of an answer of this deployment"));
    String kind = requiredText(json, "kind");
    return switch (kind) {
      case "thumb" -> new Feedback(text, about, kind, thumb(json.path("value")), null);
      case "score" -> new Feedback(text, about, kind, score(json.path("value")), null);
      case "label", "comment" -> new Feedback(text, about, kind, null, words(json));
      default ->
          throw new FeedbackException(
              "kind", "kind: '" + shorten(kind) + "', must be thumb, score, label or comment");
    };
  }

  private static JsonNode parse(byte[] body) {
    JsonNode json;
    try {
      json = JSON.readTree(body);
    } catch (JsonProcessingException e) {
      throw new FeedbackException("body", "body: is not JSON: " + e.getOriginalMessage());
    } catch (IOException e) {
      throw new FeedbackException("body", "body: cannot be read");
    }
    if (json == null || !json.isObject()) {
      throw new FeedbackException("body", "body: must be a JSON object");
    }
    return json;
  }

  private static String requiredText(JsonNode json, String field) {
    JsonNode value = json.path(field);
    if (!value.isTextual() || value.textValue().isBlank()) {
      throw new FeedbackException(field, field + ": is required, a text");
    }
    return value.textValue();
  }

  private static double thumb(JsonNode value) {
    if (value.isBoolean()) {
      return value.booleanValue() ? 1 : -1;
    }
    if (value.isTextual()) {
      switch (value.textValue()) {
        case "up" -> {
          return 1;
        }
        case "down" -> {
          return -1;
        }
        default -> throw badThumb(value);
      }
    }
    if (value.isNumber() && (value.doubleValue() == 1 || value.doubleValue() == -1)) {
      return value.doubleValue();
    }
    throw badThumb(value);
  }

  private static FeedbackException badThumb(JsonNode value) {
    return new FeedbackException(
        "value", "value: " + shorten(value.toString()) + ", a thumb must be -1 or 1");
  }

  private static @Nullable Double score(JsonNode value) {
    if (value.isNumber() && Double.isFinite(value.doubleValue())) {
      return value.doubleValue();
    }
    throw new FeedbackException(
        "value", "value: " + shorten(value.toString()) + ", a score must be a finite number");
  }

  private static String words(JsonNode json) {
    String text = requiredText(json, "label");
    if (text.length() > MAX_TEXT) {
      throw new FeedbackException(
          "label", "label: " + text.length() + " characters, at most " + MAX_TEXT + " are taken");
    }
    return text;
  }

  private static String shorten(String text) {
    return text.isEmpty() ? "nothing" : text.length() > 60 ? text.substring(0, 60) + "…" : text;
  }
}
