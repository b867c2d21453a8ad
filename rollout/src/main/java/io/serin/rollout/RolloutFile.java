package io.serin.rollout;

import io.serin.rollout.value.InvalidField;
import io.serin.rollout.value.Pin;
import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A rollout as a person wrote it, checked, with every default filled in. Immutable.
 *
 * @param rollout clients ask for this as "model"
 * @param unit what sticks to a variant: header:NAME or body:PATH, the first that yields a value
 * @param pin what stays at its variant while weights change
 * @param variants control first
 * @param shadow null where nothing is replayed outside a shadow stage
 * @param alpha chance of any false rollback over the whole run
 * @param power of the tests that a stage's size is planned with
 * @param lease how long routers go on serving candidates when the controller is silent; zero is
 *     forever
 * @param ab what an A/B test is about; null for other strategies
 * @param servers whether one server's trouble can strike one variant alone
 * @param webhooks who is told what happens
 */
public record RolloutFile(
    String rollout,
    List<String> unit,
    Pin pin,
    List<Variant> variants,
    @Nullable Shadow shadow,
    List<Stage> stages,
    List<Guard> guards,
    double alpha,
    double power,
    Deadlines deadlines,
    Duration lease,
    Strategy strategy,
    @Nullable AbPlan ab,
    MissingData missingData,
    Servers servers,
    List<Webhook> webhooks) {
  public static final List<String> DEFAULT_UNIT =
      List.of("header:x-user-id", "body:safety_identifier", "body:user", "body:metadata.user_id");
  public static final double DEFAULT_ALPHA = 0.01;
  public static final double DEFAULT_POWER = 0.9;
  public static final Duration DEFAULT_LEASE = Duration.ofMinutes(5);

  /** Each multiplies what is tested, stored and announced. */
  private static final int MOST_VARIANTS = 20;

  private static final int MOST_STAGES = 100;
  private static final int MOST_WEBHOOKS = 20;

  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,99}");
  private static final Pattern UNIT = Pattern.compile("header:[A-Za-z0-9-]+|body:[A-Za-z0-9_.-]+");

  public RolloutFile {
    unit = List.copyOf(unit);
    variants = List.copyOf(variants);
    stages = List.copyOf(stages);
    guards = List.copyOf(guards);
    webhooks = List.copyOf(webhooks);
    if (!NAME.matcher(rollout).matches()) {
      throw new InvalidField(
          "rollout",
          rollout.replaceAll("\\p{Cntrl}", "?"),
          "must be 1 to 100 letters, digits, dots, hyphens or underscores; write "
              + "meta-llama-3.1-8b rather than meta-llama/3.1-8b, as clients will ask for it");
    }
    if (unit.isEmpty()) {
      throw new InvalidField("unit", unit, "must name at least one header:NAME or body:PATH");
    }
    for (String source : unit) {
      if (!UNIT.matcher(source).matches()) {
        throw new InvalidField("unit", source, "must be header:NAME or body:PATH");
      }
    }
    if (variants.size() < 2 || !variants.getFirst().control()) {
      throw new InvalidField(
          "variants",
          variants.stream().map(Variant::name).toList(),
          "must hold control and a candidate");
    }
    if (stages.isEmpty()) {
      throw new InvalidField("stages", "empty", "must hold at least one stage");
    }
    Set<String> names = new HashSet<>();
    for (Stage stage : stages) {
      if (!names.add(stage.name())) {
        throw new InvalidField("stages", stage.name(), "two stages have this name");
      }
    }
    for (int i = 0; i < stages.size() - 1; i++) {
      if (stages.get(i).full()) {
        throw new InvalidField("stages", stages.get(i).name(), "the full stage must be the last");
      }
    }
    Set<Metric> metrics = new HashSet<>();
    for (Guard guard : guards) {
      if (!metrics.add(guard.metric())) {
        throw new InvalidField("guards", guard.metric().text(), "two guards watch this metric");
      }
    }
    if (!(alpha > 0.002 && alpha <= 0.5)) {
      throw new InvalidField(
          "alpha", alpha, "must be greater than 0.002 (0.001 is the breaker's) and at most 0.5");
    }
    if (!(power >= 0.5 && power < 1)) {
      throw new InvalidField("power", power, "must be at least 0.5 and less than 1");
    }
    if (alpha >= power) {
      throw new InvalidField("alpha", alpha, "must be below power, " + power);
    }
    if (ab != null && ab.level() >= power) {
      throw new InvalidField("level", ab.level(), "must be below power, " + power);
    }
    if (variants.size() > MOST_VARIANTS) {
      throw new InvalidField(
          "variants", variants.size() + " in number", "must be at most " + MOST_VARIANTS);
    }
    if (stages.size() > MOST_STAGES) {
      throw new InvalidField(
          "stages", stages.size() + " in number", "must be at most " + MOST_STAGES);
    }
    if (webhooks.size() > MOST_WEBHOOKS) {
      throw new InvalidField(
          "notify", webhooks.size() + " in number", "must be at most " + MOST_WEBHOOKS);
    }
    if (lease.isNegative() || (!lease.isZero() && lease.compareTo(Duration.ofSeconds(10)) < 0)) {
      throw new InvalidField("lease", lease, "must be 0 (forever) or at least 10s");
    }
  }

  /** Where secrets are read from, env:NAME or file:PATH, by the field that says it. */
  public Map<String, String> secrets() {
    Map<String, String> secrets = new LinkedHashMap<>();
    for (Variant variant : variants) {
      put(secrets, "variants." + variant.name() + ".credential", variant.access().credential());
    }
    for (int i = 0; i < webhooks.size(); i++) {
      put(secrets, "notify[" + i + "].secret", webhooks.get(i).secret());
    }
    if (shadow != null) {
      shadow
          .capture()
          .sealKeys()
          .forEach((id, reference) -> secrets.put("shadow.encrypt.keys." + id, reference));
      ShadowReviewer.Similarity similarity = shadow.similarity();
      ShadowReviewer judge = shadow.judge();
      put(
          secrets,
          "shadow.similarity.credential",
          similarity == null ? null : similarity.model().credential());
      put(secrets, "shadow.judge.credential", judge == null ? null : judge.credential());
    }
    return secrets;
  }

  private static void put(Map<String, String> secrets, String field, @Nullable String reference) {
    if (reference != null) {
      secrets.put(field, reference);
    }
  }

  /** Every variant but control. */
  public List<Variant> candidates() {
    return variants.subList(1, variants.size());
  }
}
