package io.serin.simulation.ugly;

import java.time.Duration;

/**
 * What a stream of requests is made of, and what is wrong with the candidate. Control and candidate
 * follow one law; only {@link Fault} tells them apart.
 *
 * @param crowd who asks
 * @param pace when
 * @param answers of a healthy server
 * @param weather what happens to the servers
 * @param clients what people do with an answer
 * @param cache of prompts; {@link Cache#NONE} where none is reported
 * @param fault of the candidate
 */
public record World(
    Crowd crowd,
    Pace pace,
    Answers answers,
    Weather weather,
    Clients clients,
    Cache cache,
    Fault fault) {

  /**
   * @param users 0: each request is a new user's
   * @param zipf exponent of how often users ask; 0: all equally often
   * @param spread standard deviation between users of the logarithm of their latency
   * @param icc intraclass correlation of a user's errors (beta-binomial), in [0, 1)
   */
  public record Crowd(int users, double zipf, double spread, double icc) {
    /** Each request comes from a new user. */
    public static final Crowd NEW = new Crowd(0, 0, 0, 0);
  }

  /**
   * @param perSecond mean rate of requests while people are awake
   * @param day amplitude of the daily cycle, 0 … 1
   * @param night hours from 22:00 without any request
   */
  public record Pace(double perSecond, double day, double night) {}

  /**
   * @param medianMillis of the duration
   * @param sigma standard deviation of the logarithm of one user's durations
   * @param errors share of requests that fail
   * @param bad share of answers that people find bad
   * @param firstToken share of the duration after which a streamed answer's first token comes; 0:
   *     answers are not streamed
   */
  public record Answers(
      double medianMillis, double sigma, double errors, double bad, double firstToken) {
    /** Not streamed. */
    public Answers(double medianMillis, double sigma, double errors, double bad) {
      this(medianMillis, sigma, errors, bad, 0);
    }
  }

  /**
   * Outages take both arms. Each server has spells of its own, by the same law.
   *
   * @param outagesPerDay of both arms at once
   * @param outage how long one lasts
   * @param failing share of requests that then fail, at least; up to 30 points more
   * @param spellsPerHour slow spells of each arm's server
   * @param spell mean length of a spell
   * @param spellFactor how much slower answers then are
   * @param drift growth of all latencies a day, as a share
   */
  public record Weather(
      double outagesPerDay,
      Duration outage,
      double failing,
      double spellsPerHour,
      Duration spell,
      double spellFactor,
      double drift) {
    /** Nothing happens. */
    public static final Weather CALM = new Weather(0, Duration.ZERO, 0, 0, Duration.ZERO, 1, 0);
  }

  /**
   * @param patience after which a client leaves; zero: never
   * @param rateGood share of good answers that are rated, with a thumb up
   * @param rateBad share of bad answers that are rated, with a thumb down
   */
  public record Clients(Duration patience, double rateGood, double rateBad) {
    /** Patient, and without an opinion. */
    public static final Clients PATIENT = new Clients(Duration.ZERO, 0, 0);
  }

  /**
   * A prompt cache for each server, control's warm at the start.
   *
   * @param prefixes that prompts share, Zipf distributed; 0: no cache is reported
   * @param ttl after which an unused prefix is forgotten
   * @param cold whether the candidate's cache is empty at the start
   */
  public record Cache(int prefixes, Duration ttl, boolean cold) {
    /** No cached tokens are reported. */
    public static final Cache NONE = new Cache(0, Duration.ZERO, false);
  }

  /**
   * What is wrong with the candidate, from some time on.
   *
   * @param from after the start
   * @param median factor of the quicker five sixths of its answers
   * @param tail factor of the slowest sixth
   * @param errors points added to its error rate, as a share
   * @param bad points added to its share of bad answers
   */
  public record Fault(Duration from, double median, double tail, double errors, double bad) {
    /** An identical candidate. */
    public static final Fault NONE = new Fault(Duration.ZERO, 1, 1, 0, 0);

    /** All answers slower by a factor. */
    public static Fault slower(double factor) {
      return new Fault(Duration.ZERO, factor, factor, 0, 0);
    }

    /** More errors, in points. */
    public static Fault errors(double points) {
      return new Fault(Duration.ZERO, 1, 1, points, 0);
    }

    /** The same, but from a later time on. */
    public Fault after(Duration time) {
      return new Fault(time, median, tail, errors, bad);
    }

    /** Whether there is any. */
    public boolean any() {
      return median != 1 || tail != 1 || errors != 0 || bad != 0;
    }
  }

  /** New users, ten requests a second of 200 ms at the median, 1 % errors; nothing happens. */
  public static final World PLAIN =
      new World(
          Crowd.NEW,
          new Pace(10, 0, 0),
          new Answers(200, 0.5, 0.01, 0),
          Weather.CALM,
          Clients.PATIENT,
          Cache.NONE,
          Fault.NONE);

  public World with(Crowd other) {
    return new World(other, pace, answers, weather, clients, cache, fault);
  }

  public World with(Pace other) {
    return new World(crowd, other, answers, weather, clients, cache, fault);
  }

  public World with(Answers other) {
    return new World(crowd, pace, other, weather, clients, cache, fault);
  }

  public World with(Weather other) {
    return new World(crowd, pace, answers, other, clients, cache, fault);
  }

  public World with(Clients other) {
    return new World(crowd, pace, answers, weather, other, cache, fault);
  }

  public World with(Cache other) {
    return new World(crowd, pace, answers, weather, clients, other, fault);
  }

  public World with(Fault other) {
    return new World(crowd, pace, answers, weather, clients, cache, other);
  }
}
