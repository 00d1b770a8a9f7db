using System.Text.Json.Serialization;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Gateway;

/// <summary>What is answered to an added job.</summary>
/// <param name="JobId">Its id.</param>
/// <param name="Queue">Its queue.</param>
/// <param name="Type">Its type.</param>
/// <param name="State">Its state.</param>
/// <param name="Remains">completed or failed, what became of it, where a job of this id has been there before and its record has gone; else left out.</param>
internal sealed record AcceptedJob(
    string JobId, string Queue, string Type, JobState State, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Remains = null);
