package io.serin.openai.state;

import io.serin.openai.CompletionRequest;
import io.serin.openai.Endpoint;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The opaque state that a request brings back: what earlier answers held, each with the mark that
 * says who made it. Immutable, as long as nobody changes the body.
 */
public final class RequestState {

  /** Stands for state without a mark: made before Serin, or elsewhere. */
  public static final String UNMARKED = "";

  private final CompletionRequest request;
  private final @Nullable Node conversation;
  private final List<String> marks;
  private final boolean references;

  private RequestState(
      CompletionRequest request,
      @Nullable Node conversation,
      List<String> marks,
      boolean references) {
    this.request = request;
    this.conversation = conversation;
    this.marks = marks;
    this.references = references;
  }

  /** Reads what a request brings back; most bodies are told to bring nothing without parsing. */
  public static RequestState of(CompletionRequest request) {
    byte[] body = request.body();
    RequestState none = new RequestState(request, null, List.of(), false);
    if (!StatePlaces.mayHold(request.endpoint(), body, 0, body.length)) {
      return none;
    }
    Node root;
    try {
      root =
          Node.read(
              body, 0, body.length, request.endpoint() == Endpoint.RESPONSES ? "input" : null);
    } catch (IOException | RuntimeException e) {
      return none;
    }
    List<String> marks = new ArrayList<>();
    boolean references = root.value("conversation") != null && isNamed(root);
    if (references) {
      marks.add(UNMARKED);
    }
    for (Piece piece : RequestPieces.of(request.endpoint(), body, root)) {
      marks.add(piece.mark(body));
      references |= piece.reference();
    }
    return new RequestState(request, root, List.copyOf(marks), references);
  }

  private static boolean isNamed(Node root) {
    Node conversation = root.value("conversation");
    return conversation != null && (conversation.isText() || conversation.isObject());
  }

  /** Whether the request brings nothing back. */
  public boolean isEmpty() {
    return marks.isEmpty();
  }

  /** The marks in the order of the conversation, {@link #UNMARKED} among them. */
  public List<String> marks() {
    return marks;
  }

  /** Whether some of it only names what a server stores, such as a conversation or an item. */
  public boolean references() {
    return references;
  }

  /**
   * The request for one model: what it made itself without its marks, and nothing that another
   * made, blocks, items and references with it. What is left is valid for the API: a message
   * without content goes; a tool's output whose call is gone becomes a message of the user; where
   * the last answer loses its thinking in the middle of a tool's call, thinking is not asked for.
   *
   * @param own which marks are the model's own
   * @param keepsPrevious whether "previous_response_id" stays
   */
  public CompletionRequest keeping(Predicate<String> own, boolean keepsPrevious) {
    Node root = conversation;
    byte[] body = request.body();
    if (root == null) {
      if (keepsPrevious || request.endpoint() != Endpoint.RESPONSES) {
        return request;
      }
      try {
        root = Node.read(body, 0, body.length, "input");
      } catch (IOException | RuntimeException e) {
        return request;
      }
    }
    Set<Node> foreign = Collections.newSetFromMap(new IdentityHashMap<>());
    Edits edits = new Edits(body);
    for (Piece piece : RequestPieces.of(request.endpoint(), body, root)) {
      if (own.test(piece.mark(body))) {
        piece.texts().forEach(edits::unmark);
      } else {
        foreign.add(piece.holder());
      }
    }
    Set<String> gone = new TreeSet<>();
    if (!keepsPrevious) {
      gone.add("previous_response_id");
    }
    if (!own.test(UNMARKED)) {
      gone.add("conversation");
    }
    switch (request.endpoint()) {
      case MESSAGES -> MessagesCut.cut(body, root, foreign, edits, gone);
      case CHAT_COMPLETIONS -> ChatCut.cut(root, foreign, edits);
      case RESPONSES -> ResponsesCut.cut(body, root, foreign, edits, gone);
      case COMPLETIONS, EMBEDDINGS -> {}
    }
    if (root.members().stream().anyMatch(member -> gone.contains(member.name()))) {
      edits.removeMembers(root, member -> gone.contains(member.name()));
    }
    return edits.isEmpty() ? request : CompletionRequest.read(request.endpoint(), edits.apply());
  }
}
