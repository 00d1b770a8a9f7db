using System.Text.Json.Serialization;
using WhiteCross.Jobs;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.MessageNotification;

/// <summary>
/// The time that a notification has, over all runs of its job: when it ends, and when it is tried next. What cannot be sent now is tried on a schedule of
/// minutes to hours, as mail servers do, and costs the job no attempt.
/// </summary>
internal sealed class NotificationLife
{
    private const string NoteName = "life";

    // A last try right before the end: what comes later comes too late.
    private static readonly TimeSpan LastTry = TimeSpan.FromSeconds(5);

    private readonly Job _job;
    private readonly NotificationOptions _options;
    private readonly TimeProvider _time;
    private readonly Random _random;
    private LifeNote _note;
    private bool _isOnRecord;

    private NotificationLife(Job job, LifeNote note, bool isOnRecord, NotificationOptions options, TimeProvider time, Random random)
    {
        (_job, _note, _isOnRecord, _options, _time, _random) = (job, note, isOnRecord, options, time, random);
    }

    /// <summary>How often the job was begun anew after it had failed.</summary>
    public int Round => _note.Round;

    /// <summary>When the notification comes too late.</summary>
    public required DateTimeOffset EndsAt { get; init; }

    /// <summary>What an earlier run has left, or a new life.</summary>
    public static async Task<NotificationLife> OfAsync(
        Job<SendNotificationJob> job, NotificationOptions options, TimeProvider time, Random random, CancellationToken cancellationToken)
    {
        var before = await job.FindNoteAsync<LifeNote>(NoteName, cancellationToken);
        var note = before ?? new LifeNote(time.GetUtcNow());

        // A run after the failed one: somebody retries the job, whose attempts count from 1 again; otherwise the process died before the failure was on record.
        var isAnew = note.FailedInAttempt is { } failed && job.Attempt <= failed;
        if (isAnew)
        {
            note = new LifeNote(time.GetUtcNow()) { Round = note.Round + 1 };
        }

        var data = job.Data;
        var end = data.ExpiresAt
            ?? (data.Category == NotificationCategory.OneTimeCode ? job.Info.CreatedAt + options.OneTimeCodeLifetime : note.Since + options.Lifetime);
        return new NotificationLife(job, note, before is not null && !isAnew, options, time, random) { EndsAt = end };
    }

    /// <summary>Why the notification is not sent any more; null while there is time.</summary>
    public string? OverReason() => _time.GetUtcNow() < EndsAt ? null
        : $"expired: the notification's time ended before it could be sent{(_note.Reason is { } reason ? $"; the last reason was: {reason}" : ".")}";

    /// <summary>What becomes of the job after a failure.</summary>
    public async Task<LifeVerdict> OutcomeAsync(SendFailure failure)
    {
        if (failure.Kind == SendFailureKind.Permanent)
        {
            return await FailAsync(
                failure.Reason, failure.IsUnknown ? NotificationState.Unknown : failure.BouncedAs is not null ? NotificationState.Bounced : NotificationState.Failed);
        }

        if (failure.Kind != SendFailureKind.NotTried)
        {
            _note = _note with { Tries = _note.Tries + 1, Reason = failure.Reason };
            _isOnRecord = false;
        }

        var wait = failure.Hint ?? Spread(Scheduled(_note.Tries));
        var left = EndsAt - _time.GetUtcNow();
        var isBeforeLastTry = wait >= left - LastTry;
        if (isBeforeLastTry)
        {
            if (left <= LastTry * 2)
            {
                return await FailAsync($"expired: the notification's time ended before it could be sent; the last reason was: {failure.Reason}", NotificationState.Expired);
            }

            wait = left - LastTry;
        }

        if (!_isOnRecord)
        {
            _isOnRecord = true;
            await _job.KeepNoteAsync(NoteName, _note, CancellationToken.None);
        }

        // The spacing of many snoozes in a row would carry the last try beyond the end.
        return new LifeVerdict(
            failure.Kind == SendFailureKind.Repeat
                ? new JobOutcome.Retry(failure.Reason, wait)
                : new JobOutcome.Snooze(wait, failure.Reason) { StartsAnew = isBeforeLastTry },
            NotificationState.Deferred);
    }

    /// <summary>Postpones it until a moment, since that is wanted.</summary>
    public async Task<JobOutcome> DeferAsync(DateTimeOffset until, string reason)
    {
        if (!_isOnRecord)
        {
            _isOnRecord = true;
            await _job.KeepNoteAsync(NoteName, _note, CancellationToken.None);
        }

        return new JobOutcome.Snooze(until - _time.GetUtcNow(), reason) { StartsAnew = true };
    }

    /// <summary>Fails the job, so that a later run is known for somebody's retry.</summary>
    public async Task<LifeVerdict> FailAsync(string reason, NotificationState state)
    {
        await MarkFailedAsync();
        return new LifeVerdict(new JobOutcome.Fail(reason), state);
    }

    /// <summary>The job fails with this run.</summary>
    public Task MarkFailedAsync() => _job.KeepNoteAsync(NoteName, _note with { FailedInAttempt = _job.Attempt }, CancellationToken.None);

    private TimeSpan Scheduled(int tries)
    {
        var grown = _options.FirstRetry * Math.Pow(2, Math.Clamp(tries - 1, 0, 20));
        return grown < _options.MaxRetry ? grown : _options.MaxRetry;
    }

    // Notifications that failed together do not come back together.
    private TimeSpan Spread(TimeSpan wait) => wait * (0.9 + (0.2 * _random.NextDouble()));

    /// <param name="Since">When it was tried first.</param>
    private sealed record LifeNote(DateTimeOffset Since)
    {
        public int Tries { get; init; }

        public int Round { get; init; }

        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public int? FailedInAttempt { get; init; }

        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public string? Reason { get; init; }
    }
}

/// <summary>What becomes of a job, and how far its notification is with that.</summary>
internal sealed record LifeVerdict(JobOutcome Outcome, NotificationState State);
