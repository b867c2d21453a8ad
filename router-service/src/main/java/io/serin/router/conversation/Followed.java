package io.serin.router.conversation;

import io.serin.openai.CompletionRequest;
import io.serin.openai.Endpoint;
import io.serin.openai.Opening;
import io.serin.router.rollout.Conversations;
import io.serin.router.rollout.Conversations.Begun;
import io.serin.router.rollout.Rollout;
import io.serin.router.rollout.Variant;
import io.vertx.core.MultiMap;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Follows conversations from turn to turn: by the name that the client gives one, otherwise by its
 * unit and its first message of a user.
 */
public final class Followed {

  /** Headers that name a conversation, the first that is there. */
  private static final List<String> HEADERS =
      List.of("x-conversation-id", "x-session-id", "x-thread-id");

  private static final List<List<String>> FIELDS =
      List.of(
          List.of("conversation"),
          List.of("metadata", "conversation_id"),
          List.of("metadata", "session_id"),
          List.of("metadata", "thread_id"));

  private final Conversations conversations;

  public Followed(Conversations conversations) {
    this.conversations = conversations;
  }

  /**
   * A request as a turn.
   *
   * @param number of its conversation; 0 where none can be followed
   * @param answers how many earlier answers it carries; −1 where it cannot be told
   */
  public record Turn(long number, String rollout, String run, int answers) {}

  /**
   * Reads which turn of which conversation a request is.
   *
   * @param unit whose it is; null where the request names none
   */
  public Turn read(
      Rollout rollout, CompletionRequest request, MultiMap headers, @Nullable String unit) {
    String run = rollout.command().getRun();
    Opening opening = request.opening();
    if (unit == null) {
      return new Turn(0, rollout.name(), run, opening.answers());
    }
    int answers = opening.answers();
    if (answers > 0) {
      answers -= conversations.templateAnswers(opening.afterAnswers(), unit);
    }
    String name = name(request, headers);
    long number = 0;
    if (name != null) {
      number = number(rollout.name(), unit, "name", name.hashCode(), name.length());
    } else if (opening.beginning() != 0) {
      number = number(rollout.name(), unit, "text", opening.beginning(), 0);
    }
    return new Turn(number, rollout.name(), run, answers);
  }

  private static @Nullable String name(CompletionRequest request, MultiMap headers) {
    for (String header : HEADERS) {
      String value = headers.get(header);
      if (value != null && !value.isBlank()) {
        return value;
      }
    }
    if (request.endpoint() == Endpoint.EMBEDDINGS) {
      return null;
    }
    for (List<String> field : FIELDS) {
      String value = request.field(field);
      if (value != null) {
        return value;
      }
    }
    return null;
  }

  private static long number(String rollout, String unit, String how, long first, long second) {
    long hash = rollout.hashCode();
    hash = hash * 0x9E3779B97F4A7C15L + unit.hashCode();
    hash = hash * 0x9E3779B97F4A7C15L + how.hashCode();
    hash = hash * 0x9E3779B97F4A7C15L + first;
    hash = hash * 0x9E3779B97F4A7C15L + second;
    hash ^= hash >>> 32;
    return hash == 0 ? 1 : hash;
  }

  /** The model that the conversation had its newest turn at; null where that is not known. */
  public @Nullable String modelOf(Turn turn) {
    return turn.number == 0 || turn.answers == 0 ? null : conversations.modelOf(turn.number);
  }

  /**
   * Remembers the turn, and says what is known of its conversation.
   *
   * @param assigned the variant by the split
   * @param asked the variant that is asked
   */
  public Conversation turn(Turn turn, Continuation continuation, Variant assigned, Variant asked) {
    Begun begun =
        turn.number == 0
            ? Begun.HERE
            : conversations.turn(
                new Conversations.Asked(
                    turn.number, turn.rollout, turn.run, assigned.name(), turn.answers),
                asked.maker());
    if (!continuation.isEmpty()) {
      boolean own = continuation.isAllOf(assigned);
      begun = !own ? Begun.ELSEWHERE : begun == Begun.UNKNOWN ? Begun.HERE : begun;
    }
    return new Conversation(continuation, turn.number, begun, turn.answers);
  }
}
