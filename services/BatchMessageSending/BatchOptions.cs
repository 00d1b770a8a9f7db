using Microsoft.Extensions.Options;

namespace WhiteCross.BatchMessageSending;

/// <summary>How batches are sent and followed. Section <c>Batch</c>.</summary>
public sealed class BatchOptions
{
    /// <summary>The section's name.</summary>
    public const string SectionName = "Batch";

    /// <summary>The Dapr state store that has the recipients, so that neither event nor workflow history carries them. Default: <c>statestore</c>.</summary>
    public string StateStore { get; set; } = "statestore";

    /// <summary>
    /// Chunks of one batch that are sent at the same time. 1–20. Default, null: one for a batch that pauses between its chunks, which keeps its pace, and
    /// two for one that does not, so that the next chunk is made while this one is on its way.
    /// </summary>
    public int? ParallelChunks { get; set; }

    /// <summary>How often the batch's job shows the workflow's progress. 50 ms–30 s. Default: 500 ms.</summary>
    public TimeSpan ProgressInterval { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>How often the job of a paused batch looks whether it still is; a resumed one is told at once. 1 s–1 h. Default: 30 s.</summary>
    public TimeSpan PausedInterval { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long the workflow engine may take to answer before it counts as away. 1 s–1 minute. Default: 10 s.</summary>
    public TimeSpan EngineTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long the state store behind the sidecar may take to answer before it counts as away. 1 s–1 minute. Default: 30 s, more than the sidecar's own
    /// timeout and retries for it take.
    /// </summary>
    public TimeSpan StateTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How long the workflow engine may be away, or answer without getting on, before a batch's job fails instead of waiting on. 1 s–30 days. Default: 1 day.
    /// </summary>
    public TimeSpan EnginePatience { get; set; } = TimeSpan.FromDays(1);

    /// <summary>How long a batch that has ended can be followed. 1 minute–365 days. Default: 7 days, as long as the tombstones of its messages' jobs.</summary>
    public TimeSpan KeepEnded { get; set; } = TimeSpan.FromDays(7);

    /// <summary>How long uploaded recipients wait for their batch to begin. 1 minute–365 days. Default: 7 days.</summary>
    public TimeSpan KeepUploads { get; set; } = TimeSpan.FromDays(7);
}

/// <summary>The rules of <see cref="BatchOptions"/>.</summary>
internal sealed class BatchOptionsValidator : IValidateOptions<BatchOptions>
{
    public ValidateOptionsResult Validate(string? name, BatchOptions options)
    {
        List<string> errors = [];
        if (string.IsNullOrWhiteSpace(options.StateStore))
        {
            errors.Add("Batch:StateStore must be the name of a Dapr state store.");
        }

        if (options.ParallelChunks is < 1 or > 20)
        {
            errors.Add($"Batch:ParallelChunks is {options.ParallelChunks}; it must be from 1 to 20.");
        }

        Within(nameof(options.ProgressInterval), options.ProgressInterval, TimeSpan.FromMilliseconds(50), TimeSpan.FromSeconds(30));
        Within(nameof(options.PausedInterval), options.PausedInterval, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1));
        Within(nameof(options.EngineTimeout), options.EngineTimeout, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1));
        Within(nameof(options.StateTimeout), options.StateTimeout, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1));
        Within(nameof(options.EnginePatience), options.EnginePatience, TimeSpan.FromSeconds(1), TimeSpan.FromDays(30));
        Within(nameof(options.KeepEnded), options.KeepEnded, TimeSpan.FromMinutes(1), TimeSpan.FromDays(365));
        Within(nameof(options.KeepUploads), options.KeepUploads, TimeSpan.FromMinutes(1), TimeSpan.FromDays(365));
        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);

        void Within(string setting, TimeSpan value, TimeSpan least, TimeSpan most)
        {
            if (value < least || value > most)
            {
                errors.Add($"Batch:{setting} is {value}; it must be from {least} to {most}.");
            }
        }
    }
}
