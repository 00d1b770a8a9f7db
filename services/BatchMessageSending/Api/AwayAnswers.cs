namespace WhiteCross.BatchMessageSending;

/// <summary>What is answered while the sidecar's workflow engine or state store is away.</summary>
internal static class AwayAnswers
{
    /// <summary>Answers 503, saying who is away and what that means to the caller.</summary>
    public static RouteGroupBuilder AnswerWhenAway(this RouteGroupBuilder group, string meaning) => group.AddEndpointFilter(async (context, next) =>
    {
        try
        {
            return await next(context);
        }
        catch (SidecarAwayException away)
        {
            return TypedResults.Problem($"{away.Message} {meaning}", statusCode: StatusCodes.Status503ServiceUnavailable, title: "Sidecar away");
        }
    });
}
