namespace WhiteCross.BatchMessageSending;

/// <summary>What is answered while the sidecar's workflow engine or state store is away.</summary>
internal static class AwayAnswers
{
    /// <summary>Answers 503, saying who is away and what that means to the caller.</summary>
    public static RouteGroupBuilder AnswerWhenAway(this RouteGroupBuilder group, string meaning) => group.Answer(StatusCodes.Status503ServiceUnavailable, meaning);

    /// <summary>
    /// The same for calls that come by service invocation. 502 to 504 are the callee's own silence there, which a resiliency policy repeats; this is an answer
    /// after all patience has been had, and repeating it would only keep the caller's caller waiting.
    /// </summary>
    public static RouteGroupBuilder AnswerInvokerWhenAway(this RouteGroupBuilder group, string meaning) => group.Answer(StatusCodes.Status424FailedDependency, meaning);

    private static RouteGroupBuilder Answer(this RouteGroupBuilder group, int status, string meaning) => group.AddEndpointFilter(async (context, next) =>
    {
        try
        {
            return await next(context);
        }
        catch (SidecarAwayException away)
        {
            return TypedResults.Problem($"{away.Message} {meaning}", statusCode: status, title: "Sidecar away");
        }
    });
}
