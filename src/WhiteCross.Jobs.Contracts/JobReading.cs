namespace WhiteCross.Jobs.Contracts;

/// <summary>What was read of a job's envelope.</summary>
public sealed class JobReading
{
    private static readonly IReadOnlyDictionary<string, string[]> NoErrors = new Dictionary<string, string[]>();

    /// <summary>The job's id, when the envelope names one that is valid.</summary>
    public string? JobId { get; init; }

    /// <summary>The job's type; empty when it is not known.</summary>
    public string Type { get; init; } = string.Empty;

    /// <summary>The job's data: a part of what was read, as UTF-8 JSON; empty when there is none, or none that is JSON.</summary>
    public ReadOnlyMemory<byte> Data { get; init; }

    /// <summary>The options that hold, as UTF-8 JSON, however their names and numbers were spelled; empty when none were given.</summary>
    public ReadOnlyMemory<byte> OptionsJson { get; init; }

    /// <summary>What the publisher asks for.</summary>
    public JobOptions Options { get; init; } = new();

    /// <summary>The job's data, typed; null when anything is wrong.</summary>
    public object? Job { get; init; }

    /// <summary>What is wrong, by the path of the field in JSON; <c>$</c> for the whole.</summary>
    public IReadOnlyDictionary<string, string[]> Errors { get; init; } = NoErrors;

    /// <summary>The errors as one text of at most 4 KiB, for a job's record.</summary>
    public string ErrorText { get; init; } = string.Empty;

    /// <summary>Whether the job can be run.</summary>
    public bool IsValid => Errors.Count == 0;

    /// <summary>Whether it is refused because it is larger than <see cref="JobLimits.DataBytes"/>.</summary>
    public bool IsTooLarge { get; init; }
}
