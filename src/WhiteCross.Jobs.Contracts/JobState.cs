using System.Text.Json.Serialization;

namespace WhiteCross.Jobs.Contracts;

/// <summary>Where a job is in its life. In JSON in lower case.</summary>
[JsonConverter(typeof(JobStateJsonConverter))]
public enum JobState
{
    /// <summary>Ready to run. Set when a job is added, when its delay or back-off is over, and when a failed job is retried.</summary>
    Waiting,

    /// <summary>Not due yet: added with a delay, or between two attempts.</summary>
    Delayed,

    /// <summary>An attempt is running, under a lease.</summary>
    Active,

    /// <summary>Ended well; never runs again.</summary>
    Completed,

    /// <summary>Ended for good without success; runs again only when somebody retries it.</summary>
    Failed,

    /// <summary>Ready to run, but its queue is paused.</summary>
    Paused,
}
