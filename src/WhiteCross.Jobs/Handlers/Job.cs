using System.Text.Json;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Jobs;

/// <summary>What a handler knows of its job whatever its data, and what it can report of it.</summary>
public abstract class Job
{
    private readonly IJobReporter _reporter;

    private protected Job(JobInfo info, IJobReporter reporter)
    {
        Info = info;
        _reporter = reporter;
    }

    /// <summary>The job's id: use it as the idempotency key of whatever the handler does outside.</summary>
    public string Id => Info.JobId;

    /// <summary>Which attempt this is, from 1.</summary>
    public int Attempt => Info.Attempt;

    /// <summary>Everything known of the job but its data.</summary>
    public JobInfo Info { get; }

    /// <summary>Why the attempt's cancellation token fired, if it did: a handler that has to tell somebody to stop asks whether it was cancelled.</summary>
    public StopCause StopCause => _reporter.StopCause;

    /// <summary>
    /// Reports how far the work is. Reports are gathered: the latest one is on record within a fraction of a second, and before the attempt's end.
    /// </summary>
    /// <param name="percentage">0–100.</param>
    /// <param name="step">What is being done, in words that hold no content, address or key; at most 200 characters.</param>
    /// <param name="currentStep">Which of <paramref name="totalSteps"/>, from 1.</param>
    /// <param name="totalSteps">How many there are.</param>
    /// <param name="data">Anything else to show; at most 4 KiB of JSON. It is taken over at once: its document may be disposed of afterwards.</param>
    /// <exception cref="ArgumentException">The percentage is not within 0–100, or the step or the data is over its limit.</exception>
    public ValueTask ReportProgressAsync(double percentage, string? step = null, int? currentStep = null, int? totalSteps = null, JsonElement? data = null)
    {
        if (percentage is not (>= 0 and <= 100))
        {
            throw new ArgumentOutOfRangeException(nameof(percentage), percentage, "Progress is a percentage from 0 to 100.");
        }

        return _reporter.ReportProgressAsync(new JobProgress(percentage, JobReportLimits.ProgressStep(step), currentStep, totalSteps, JobReportLimits.ProgressData(data)));
    }

    /// <summary>Adds a line to the job's log: at most 1 KiB, cut beyond; the newest 200 lines are kept.</summary>
    /// <param name="line">The line; it must hold no content, address or key.</param>
    public ValueTask LogAsync(string line) => _reporter.LogAsync(line);

    /// <summary>
    /// Runs a step once in the life of the job: its result is stored, and a later attempt gets the stored result instead of running it again.
    /// Between the step's effect and the storing of its result lies a moment in which a crash makes it run twice; what cannot bear that needs an
    /// idempotency key towards the outside.
    /// </summary>
    /// <typeparam name="T">The step's result; it travels as JSON.</typeparam>
    /// <param name="name">The step's name, unique in the job, at most 200 characters. A job has at most 1,000 steps.</param>
    /// <param name="step">The step.</param>
    /// <param name="cancellationToken">Ends the waiting for the store, and is handed to the step.</param>
    /// <exception cref="ArgumentException">The name is blank or over its limit.</exception>
    /// <exception cref="PermanentJobException">The job has all the steps it may have, or the result is over 64 KiB or no JSON.</exception>
    public async Task<T> StepAsync<T>(string name, Func<CancellationToken, Task<T>> step, CancellationToken cancellationToken = default)
    {
        JobReportLimits.StepName(name);
        if (await _reporter.FindStepAsync(name, cancellationToken) is { } stored)
        {
            return JsonSerializer.Deserialize<T>(stored.Span, JsonSerializerOptions.Web)!;
        }

        var result = await _reporter.RunStepAsync(name, step, cancellationToken);
        await _reporter.SaveStepAsync(name, HandlerJson.OfStep(name, result), cancellationToken);
        return result;
    }

    /// <summary>Runs a step that has no result once in the life of the job; see the other overload.</summary>
    /// <param name="name">The step's name, unique in the job.</param>
    /// <param name="step">The step.</param>
    /// <param name="cancellationToken">Ends the waiting for the store, and is handed to the step.</param>
    public Task StepAsync(string name, Func<CancellationToken, Task> step, CancellationToken cancellationToken = default) =>
        StepAsync(name, async token => { await step(token); return true; }, cancellationToken);

    /// <summary>
    /// Finds a note that this run or an earlier one kept with <see cref="KeepNoteAsync"/>. For what a step cannot say: how far something had come when an
    /// attempt ended in the middle of it.
    /// </summary>
    /// <typeparam name="T">The note; it travels as JSON.</typeparam>
    /// <param name="name">The note's name; it shares the names and the number of the steps.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>The note; null when there is none.</returns>
    public async Task<T?> FindNoteAsync<T>(string name, CancellationToken cancellationToken = default)
        where T : class
    {
        JobReportLimits.StepName(name);
        return await _reporter.FindStepAsync(name, cancellationToken) is { } stored ? JsonSerializer.Deserialize<T>(stored.Span, JsonSerializerOptions.Web) : null;
    }

    /// <summary>Keeps a note with the job, in place of the one of this name; returns once it is stored.</summary>
    /// <typeparam name="T">The note; it travels as JSON, at most 64 KiB of it.</typeparam>
    /// <param name="name">The note's name; it shares the names and the number of the steps.</param>
    /// <param name="note">The note; it must hold no content, address or key.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="JobLeaseLostException">The run no longer holds the job.</exception>
    public async Task KeepNoteAsync<T>(string name, T note, CancellationToken cancellationToken = default)
        where T : class
    {
        JobReportLimits.StepName(name);
        await _reporter.SaveStepAsync(name, HandlerJson.OfStep(name, note), cancellationToken);
    }
}

/// <summary>A job in the hands of its handler.</summary>
/// <typeparam name="TData">The job's data.</typeparam>
/// <param name="data">The data.</param>
/// <param name="info">What else is known of the job.</param>
/// <param name="reporter">Where its reports go.</param>
public sealed class Job<TData>(TData data, JobInfo info, IJobReporter reporter) : Job(info, reporter)
    where TData : class
{
    /// <summary>The job's data, valid by the rules of its type.</summary>
    public TData Data { get; } = data;
}

/// <summary>What is known of a job besides its data while an attempt runs.</summary>
/// <param name="JobId">The job's id.</param>
/// <param name="Queue">The queue's name.</param>
/// <param name="Type">The job's type.</param>
/// <param name="Priority">How urgent it is.</param>
/// <param name="Attempt">Which attempt this is, from 1.</param>
/// <param name="MaxAttempts">How many it gets.</param>
/// <param name="CreatedAt">When it was added.</param>
public sealed record JobInfo(
    string JobId, string Queue, string Type, JobPriority Priority, int Attempt, int MaxAttempts, DateTimeOffset CreatedAt)
{
    /// <summary>How long the attempt may run. Default: without limit.</summary>
    public TimeSpan Timeout { get; init; } = System.Threading.Timeout.InfiniteTimeSpan;

    /// <summary>When the job was first postponed (<see cref="JobOutcome.Snooze"/>) of the times that count together; null when it was not.</summary>
    public DateTimeOffset? SnoozedSince { get; init; }

    /// <summary>Who added it: the name of a key or a token's subject, <c>local</c>, <see cref="JobRecord.AddedByEvent"/>, or what of the system did; null when it is not known.</summary>
    public string? AddedBy { get; init; }
}
