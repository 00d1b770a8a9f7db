using Microsoft.AspNetCore.Http.HttpResults;

namespace WhiteCross.MessageDelivery;

/// <summary>How many of something a request of another service wants to have done at once: its <c>batchSize</c>.</summary>
internal static class BatchSizes
{
    /// <summary>What to answer where it is too small or too large; null where it is neither.</summary>
    /// <param name="size">What the request says; null where it says nothing.</param>
    /// <param name="most">The most that it may be.</param>
    public static ValidationProblem? Refusal(int? size, int most) => size < 1 || size > most
        ? TypedResults.ValidationProblem(new Dictionary<string, string[]> { ["batchSize"] = [$"must be from 1 to {most}."] })
        : null;
}
