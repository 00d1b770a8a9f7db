using System.Text.Json.Serialization;

namespace WhiteCross.Jobs.Contracts;

/// <summary>
/// How urgent a job is. In JSON by name (any case) or by number; the default is <c>NORMAL</c>.
/// Each level has a lane of its own, so that a backlog of a lower one never stands in front of a higher one.
/// </summary>
[JsonConverter(typeof(JobPriorityJsonConverter))]
public enum JobPriority
{
    /// <summary>Work that may wait as long as anything else is there; ageing keeps it from waiting for ever.</summary>
    Low = 1,

    /// <summary>The default.</summary>
    Normal = 5,

    /// <summary>Before all normal work. Gets at least 5 attempts and a back-off of 1 s where the job sets none itself.</summary>
    High = 10,

    /// <summary>Before everything else. Gets at least 5 attempts and a back-off of 1 s where the job sets none itself.</summary>
    Critical = 20,
}
