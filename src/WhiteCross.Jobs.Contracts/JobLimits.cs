namespace WhiteCross.Jobs.Contracts;

/// <summary>The limits of a job that are the same on every queue.</summary>
public static class JobLimits
{
    /// <summary>Bytes of a job's data, as JSON: 1 MiB.</summary>
    public const int DataBytes = 1024 * 1024;

    /// <summary>Bytes of an envelope: its data, and room for what goes with it.</summary>
    public const int EnvelopeBytes = DataBytes + (64 * 1024);

    /// <summary>Bytes of a job's or a step's result, as JSON: 64 KiB.</summary>
    public const int ResultBytes = 64 * 1024;

    /// <summary>Log lines that are kept of a job: 200, the newest.</summary>
    public const int LogLines = 200;

    /// <summary>Bytes of a log line: 1 KiB.</summary>
    public const int LogLineBytes = 1024;

    /// <summary>Finished steps that a job may have: 1,000.</summary>
    public const int Steps = 1000;

    /// <summary>Characters of the name of a step or note, and of what a progress says is being done: 200.</summary>
    public const int StepNameLength = 200;

    /// <summary>Bytes of the data of a progress, as JSON: 4 KiB.</summary>
    public const int ProgressDataBytes = 4 * 1024;

    /// <summary>Bytes of an error's message: 4 KiB.</summary>
    public const int ErrorMessageBytes = 4 * 1024;

    /// <summary>Bytes of an error's stack: 16 KiB.</summary>
    public const int ErrorStackBytes = 16 * 1024;

    /// <summary>Characters of a job id: 128.</summary>
    public const int JobIdLength = 128;

    /// <summary>Jobs in one bulk request: 1,000.</summary>
    public const int BulkJobs = 1000;

    /// <summary>
    /// Levels of nesting in an envelope: 56. A job travels wrapped, in a dead letter in an event in a bulk delivery, or in a record in a page of
    /// records, and .NET's own readers and writers take 64 levels by default.
    /// </summary>
    public const int Nesting = 56;

    /// <summary>Attempts that a job may ask for: 100.</summary>
    public const int Attempts = 100;

    /// <summary>The longest delay that a job may ask for, in milliseconds: 365 days.</summary>
    public const long DelayMilliseconds = 365L * 24 * 60 * 60 * 1000;

    /// <summary>The longest timeout that a job may ask for, in milliseconds: 24 hours.</summary>
    public const long TimeoutMilliseconds = 24L * 60 * 60 * 1000;

    /// <summary>The most tags of a job.</summary>
    public const int Tags = 10;

    /// <summary>The longest tag.</summary>
    public const int TagLength = 64;
}
