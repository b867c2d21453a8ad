package io.serin.simulation.ugly;

import io.serin.analytics.observation.Observation;
import io.serin.statistics.design.BetGrowth;
import java.time.Duration;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** A stream by the law of a {@link World}. */
final class GeneratedStream implements Stream {
  /** A router gives up on the first byte of an answer after so long. */
  private static final long FIRST_BYTE_MILLIS = 60_000;

  private static final double DAY = 86_400_000;
  private static final double HOUR = 3_600_000;

  /** Runs begin at eight in the morning, nights at ten in the evening. */
  private static final double MORNING = 8 * HOUR;

  private static final double EVENING = 22 * HOUR;

  /** Above so many standard deviations a duration belongs to the slowest sixth. */
  private static final double TAIL = 1;

  /** What a latency guard allows: only what exceeds it is a fault to be found. */
  static final double MARGIN = 1.2;

  private static final double CACHED_FACTOR = 0.6;
  private static final long CACHED_TOKENS = 100;

  private final World world;
  private final SplittableRandom random;
  private final Population population;
  private final Spells outages;
  private final Spells[] spells;
  private final PromptCache[] caches;
  private double failing;
  private double clock;

  private GeneratedStream(World world, SplittableRandom random) {
    this.world = world;
    this.random = random;
    population = new Population(world, random);
    World.Weather weather = world.weather();
    outages = new Spells(random.split(), weather.outagesPerDay() / DAY, weather.outage(), true);
    spells = new Spells[2];
    caches = new PromptCache[2];
    for (int arm = 0; arm < 2; arm++) {
      spells[arm] =
          new Spells(random.split(), weather.spellsPerHour() / HOUR, weather.spell(), false);
      caches[arm] =
          new PromptCache(
              world.cache(),
              arm == 1 && world.cache().cold() ? 0 : world.pace().perSecond() / 2_000,
              random.split());
    }
  }

  /** Streams of a world. */
  record Source(World world) implements Stream.Source {
    @Override
    public Stream open(SplittableRandom random) {
      return new GeneratedStream(world, random);
    }

    @Override
    public World.Fault fault() {
      return world.fault();
    }

    /**
     * Gaussian information of a shift of log latency under a random effect of the user, and the
     * Kullback-Leibler growth of an error rate over its design effect; the greater.
     */
    @Override
    public double information(double share, long requests) {
      World.Fault fault = world.fault();
      World.Answers answers = world.answers();
      double shift = Math.max(0, Math.log(Math.max(fault.median(), fault.tail()) / MARGIN));
      double variance =
          world.crowd().spread() * world.crowd().spread()
              + answers.sigma() * answers.sigma() / requests;
      double slow = share * (1 - share) * shift * shift / (2 * variance);
      double effective = requests / (1 + (requests - 1) * world.crowd().icc());
      return Math.max(
          slow,
          Math.max(
              effective * growth(share, answers.errors(), fault.errors()),
              effective
                  * growth(
                      share,
                      answers.bad() * world.clients().rateBad(),
                      fault.bad() * world.clients().rateBad())));
    }

    private static double growth(double share, double rate, double points) {
      return points <= 0 ? 0 : BetGrowth.exceedance(share, rate, rate + points).mean();
    }

    @Override
    public double quantile(double q) {
      double sigma = Math.hypot(world.answers().sigma(), world.crowd().spread());
      double z = q == 0.5 ? 0 : q == 0.95 ? 1.6449 : 2.3263;
      return world.answers().medianMillis() * Math.exp(sigma * z);
    }
  }

  @Override
  public boolean returning() {
    return population.returning();
  }

  @Override
  public Ask next() {
    World.Pace pace = world.pace();
    double most = pace.perSecond() * (1 + pace.day()) / 1_000;
    do {
      clock += -Math.log(1 - random.nextDouble()) / most;
    } while (random.nextDouble() * most >= rate(pace) / 1_000);
    int user = population.next(random);
    return new Ask((long) clock, user, population.slot(user, random));
  }

  private double rate(World.Pace pace) {
    double ofDay = (clock + MORNING) % DAY;
    if ((ofDay - EVENING + DAY) % DAY < pace.night() * HOUR) {
      return 0;
    }
    return pace.perSecond() * (1 + pace.day() * Math.sin(2 * Math.PI * (ofDay - MORNING) / DAY));
  }

  @Override
  public Answer answer(Ask ask, boolean candidate) {
    World.Fault fault = world.fault();
    boolean faulty = candidate && ask.at() >= fault.from().toMillis();
    int arm = candidate ? 1 : 0;
    double z = random.nextGaussian();
    double millis =
        world.answers().medianMillis()
            * Math.exp(world.answers().sigma() * z + population.logSlowness(ask.user()))
            * Math.pow(1 + world.weather().drift(), ask.at() / DAY);
    if (spells[arm].in(ask.at())) {
      millis *= world.weather().spellFactor();
    }
    boolean outage = outages.in(ask.at());
    if (outages.began()) {
      failing = world.weather().failing() + 0.3 * random.nextDouble();
    }
    double errors = population.errors(ask.user()) + (faulty ? fault.errors() : 0);
    boolean failed = random.nextDouble() < (outage ? Math.max(failing, errors) : errors);
    if (faulty) {
      millis *= z > TAIL ? fault.tail() : fault.median();
    }
    Long cached = null;
    if (world.cache().prefixes() > 0 && !failed) {
      boolean hit = caches[arm].asked(ask.at());
      cached = hit ? CACHED_TOKENS : 0;
      millis *= hit ? CACHED_FACTOR : 1;
    }
    return ended(millis, failed, cached, faulty);
  }

  private Answer ended(double millis, boolean failed, @Nullable Long cached, boolean faulty) {
    World.Clients clients = world.clients();
    double first = world.answers().firstToken() * millis;
    long patience = clients.patience().toMillis();
    if (patience > 0 && millis > patience) {
      Long seen = first > 0 && first < patience ? Long.valueOf((long) first) : null;
      return new Answer(Observation.End.CANCELLED, patience, seen, cached, null);
    }
    if (failed || millis > FIRST_BYTE_MILLIS) {
      return new Answer(
          Observation.End.FAILED, (long) Math.min(millis, FIRST_BYTE_MILLIS), null, null, null);
    }
    boolean bad = random.nextDouble() < world.answers().bad() + (faulty ? world.fault().bad() : 0);
    boolean rates = random.nextDouble() < (bad ? clients.rateBad() : clients.rateGood());
    return new Answer(
        Observation.End.OK,
        (long) millis,
        first > 0 ? Long.valueOf((long) first) : null,
        cached,
        rates ? Boolean.valueOf(bad) : null);
  }

  /** Spells that come by chance; asked in order of time. */
  private static final class Spells {
    private final SplittableRandom random;
    private final double perMilli;
    private final double millis;
    private final boolean fixed;
    private double start;
    private double end = Double.NEGATIVE_INFINITY;
    private boolean began;

    /**
     * @param fixed whether each lasts equally long; otherwise an exponential time
     */
    Spells(SplittableRandom random, double perMilli, Duration length, boolean fixed) {
      this.random = random;
      this.perMilli = perMilli;
      this.millis = length.toMillis();
      this.fixed = fixed;
      if (perMilli > 0) {
        draw(0);
      }
    }

    private void draw(double after) {
      start = after - Math.log(1 - random.nextDouble()) / perMilli;
      end = start + (fixed ? millis : -Math.log(1 - random.nextDouble()) * millis);
      began = true;
    }

    boolean in(long at) {
      if (perMilli == 0) {
        return false;
      }
      while (end < at) {
        draw(end);
      }
      return at >= start;
    }

    /** True once after a new spell was drawn. */
    boolean began() {
      boolean result = began;
      began = false;
      return result;
    }
  }

  /** Which prefixes a server has seen within the time to live. */
  private static final class PromptCache {
    private final SplittableRandom random;
    private final double ttl;
    private final double[] cumulative;
    private final double[] last;

    /**
     * @param perMilli rate of requests before the start; 0: the cache is empty
     */
    PromptCache(World.Cache cache, double perMilli, SplittableRandom random) {
      this.random = random;
      ttl = cache.ttl().toMillis();
      cumulative = new double[cache.prefixes()];
      last = new double[cache.prefixes()];
      Arrays.fill(last, Double.NEGATIVE_INFINITY);
      double sum = 0;
      for (int i = 0; i < cumulative.length; i++) {
        sum += 1.0 / (i + 1);
        cumulative[i] = sum;
      }
      for (int i = 0; i < cumulative.length && perMilli > 0; i++) {
        double own = perMilli / (i + 1) / sum;
        last[i] = Math.log(1 - random.nextDouble()) / own;
      }
    }

    /** A request with one of the prefixes: true where it is still in the cache. */
    boolean asked(long at) {
      double x = random.nextDouble() * cumulative[cumulative.length - 1];
      int found = Arrays.binarySearch(cumulative, x);
      int prefix = found >= 0 ? found : Math.min(-found - 1, cumulative.length - 1);
      boolean hit = at - last[prefix] <= ttl;
      last[prefix] = at;
      return hit;
    }
  }
}
