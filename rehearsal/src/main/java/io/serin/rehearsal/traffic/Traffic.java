package io.serin.rehearsal.traffic;

import io.serin.rehearsal.recorded.RecordedAnswers;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.PrimitiveIterator;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * The requests of a rehearsal, one after the other: arrivals, users and prompts put together. The
 * same seed gives the same traffic. Not thread-safe.
 */
public final class Traffic implements Iterator<PlannedRequest> {

  private static final int MAX_TURNS = 8;

  private final String runId;
  private final TrafficSettings settings;
  private final PrimitiveIterator.OfLong arrivals;
  private final RecordedAnswers recorded;
  private final List<String> prompts;
  private final SplittableRandom random;
  private final ReturningUsers users;
  private final Map<Integer, Conversation> conversations = new HashMap<>();
  private long given;
  private int conversationCount;
  private @Nullable PlannedRequest next;

  private record Conversation(String id, List<PlannedRequest.Turn> turns) {}

  /**
   * Nothing is given yet.
   *
   * @param runId begins every request's id
   * @param recorded prompts are drawn from it, evenly; its answers are the earlier turns of
   *     conversations
   */
  public Traffic(
      String runId,
      TrafficSettings settings,
      PrimitiveIterator.OfLong arrivals,
      RecordedAnswers recorded) {
    this.runId = runId;
    this.settings = settings;
    this.arrivals = arrivals;
    this.recorded = recorded;
    this.prompts = recorded.prompts();
    this.random = new SplittableRandom(settings.seed());
    this.users = new ReturningUsers(settings.newUsers(), random.split());
    this.next = plan();
  }

  @Override
  public boolean hasNext() {
    return next != null;
  }

  @Override
  public PlannedRequest next() {
    PlannedRequest now = next;
    if (now == null) {
      throw new NoSuchElementException("the traffic has ended");
    }
    next = plan();
    return now;
  }

  private @Nullable PlannedRequest plan() {
    if (given >= settings.requests() || !arrivals.hasNext()) {
      return null;
    }
    long offset = arrivals.nextLong();
    if (offset >= settings.duration().toNanos()) {
      return null;
    }
    given++;
    int user = users.next();
    String prompt = prompts.get(random.nextInt(prompts.size()));
    boolean streamed = random.nextDouble() < settings.streamed();
    boolean withUsage = random.nextDouble() < 0.5;
    double goesOn = random.nextDouble();
    boolean chat = random.nextDouble() >= settings.completions();
    String conversation = null;
    List<PlannedRequest.Turn> earlier = List.of();
    if (settings.conversations() > 0 && chat) {
      Conversation current = conversation(user, goesOn);
      conversation = current.id();
      earlier = current.turns();
      List<PlannedRequest.Turn> turns = new ArrayList<>(earlier);
      turns.add(new PlannedRequest.Turn(prompt, recorded.answer(prompt).text()));
      conversations.put(user, new Conversation(conversation, List.copyOf(turns)));
    }
    return new PlannedRequest(
        offset,
        "%s-%07d".formatted(runId, given),
        "user-" + user,
        conversation,
        earlier,
        prompt,
        chat,
        streamed,
        streamed && withUsage);
  }

  private Conversation conversation(int user, double goesOn) {
    Conversation last = conversations.get(user);
    if (last != null && last.turns().size() < MAX_TURNS && goesOn < settings.conversations()) {
      return last;
    }
    return new Conversation("conversation-" + conversationCount++, List.of());
  }
}
