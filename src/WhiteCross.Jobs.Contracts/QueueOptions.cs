using System.ComponentModel.DataAnnotations;

namespace WhiteCross.Jobs.Contracts;

/// <summary>
/// What can be configured of a queue, in the section <c>Queues:&lt;queue&gt;</c> (environment: <c>Queues__message_delivery__Concurrency=20</c>).
/// The defaults here are replaced by the queue's own, see <see cref="JobQueues.DefaultOptions"/>. Checked at start-up.
/// </summary>
public sealed class QueueOptions
{
    /// <summary>The configuration section that holds a section for each queue.</summary>
    public const string SectionName = "Queues";

    /// <summary>Jobs that one instance of the service runs at once. 1–1000.</summary>
    [Range(1, 1_000)]
    public int Concurrency { get; set; } = 10;

    /// <summary>Attempts in all that a job gets which asks for no number itself. 1–100.</summary>
    [Range(1, 100)]
    public int Attempts { get; set; } = 3;

    /// <summary>How the pause between attempts grows.</summary>
    public JobBackoffType BackoffType { get; set; } = JobBackoffType.Exponential;

    /// <summary>The pause after the first failed attempt. 0–24 h.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00", ParseLimitsInInvariantCulture = true)]
    public TimeSpan BackoffDelay { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>The random part of a pause, as a share of it: 0.1 means ± 10 %. Default: 0, none.</summary>
    [Range(0d, 1d)]
    public double BackoffJitter { get; set; }

    /// <summary>How long one attempt may run. 1 s–24 h.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00", ParseLimitsInInvariantCulture = true)]
    public TimeSpan JobTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How long a job may be postponed time and again without that counting as an attempt: a provider that is away, or that answers "try later" for ever.
    /// Beyond it the next time is an attempt, with its retry or its failure. Default: 1 day. 1 min–30 d.
    /// </summary>
    [Range(typeof(TimeSpan), "00:01:00", "30.00:00:00", ParseLimitsInInvariantCulture = true)]
    public TimeSpan MaxSnooze { get; set; } = TimeSpan.FromDays(1);

    /// <summary>The most completed jobs that are kept.</summary>
    [Range(0, 1_000_000)]
    public int KeepCompleted { get; set; } = 1000;

    /// <summary>How long a completed job is kept at most.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "365.00:00:00", ParseLimitsInInvariantCulture = true)]
    public TimeSpan KeepCompletedFor { get; set; } = TimeSpan.FromDays(1);

    /// <summary>The most failed jobs that are kept.</summary>
    [Range(0, 1_000_000)]
    public int KeepFailed { get; set; } = 1000;

    /// <summary>How long a failed job is kept at most.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "365.00:00:00", ParseLimitsInInvariantCulture = true)]
    public TimeSpan KeepFailedFor { get; set; } = TimeSpan.FromDays(7);

    /// <summary>
    /// How long the id of a job is remembered after its record has gone, so that a late redelivery or a repeated add does not run it again.
    /// Default: 7 days.
    /// </summary>
    [Range(typeof(TimeSpan), "00:01:00", "365.00:00:00", ParseLimitsInInvariantCulture = true)]
    public TimeSpan KeepTombstonesFor { get; set; } = TimeSpan.FromDays(7);

    /// <summary>How long a run holds its job without renewing; then the job counts as stalled. Default: 10 s. 2 s–10 min.</summary>
    [Range(typeof(TimeSpan), "00:00:02", "00:10:00", ParseLimitsInInvariantCulture = true)]
    public TimeSpan Lease { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// After each such time of waiting at the gate a job is served as if it were one level more urgent. A LOW job therefore waits at most
    /// three times as long, plus its turn among the CRITICAL ones that came before it. Default: 10 s.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "01:00:00", ParseLimitsInInvariantCulture = true)]
    public TimeSpan Ageing { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long a waiting job may be on record without anybody having begun it before the reconciler looks whether its event still exists.
    /// Default: 5 s.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00", ParseLimitsInInvariantCulture = true)]
    public TimeSpan ReconcileAfter { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long a job may wait for a slot in an instance of the service while another instance has free ones; then it gets a new event, which may go to the
    /// other. Default: 1 s. 100 ms–1 h.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "01:00:00", ParseLimitsInInvariantCulture = true)]
    public TimeSpan GiveBackAfter { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Take events from the sidecar in batches. Pays only where others than this system's own publishers send thousands of jobs a second, one an event.
    /// Default: false.
    /// </summary>
    public bool BulkSubscribe { get; set; }

    /// <summary>The most events in a batch. The lane's <c>concurrency</c> in components/ should be at least twice this. Default: 100.</summary>
    [Range(1, 1_000)]
    public int BulkMaxMessages { get; set; } = 100;

    /// <summary>How long the sidecar gathers events for a batch, in milliseconds. Default: 5; it adds to the latency of every event that does not fill one.</summary>
    [Range(1, 10_000)]
    public int BulkMaxAwaitMilliseconds { get; set; } = 5;
}
