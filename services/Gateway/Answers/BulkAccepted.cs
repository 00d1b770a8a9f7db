using System.Text.Json.Serialization;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Gateway;

/// <summary>A job of a bulk that is on record.</summary>
/// <param name="Index">Its place in the bulk, from 0.</param>
/// <param name="JobId">Its id.</param>
/// <param name="Known">
/// Left out for a job that was added. Of one that is known by its id already, and was not added again: <c>same</c> where it has the same data,
/// <c>other</c> where it has not.
/// </param>
/// <param name="State">The state of one that is known already; else left out.</param>
internal sealed record BulkAccepted(
    int Index,
    string JobId,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Known = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] JobState? State = null);
