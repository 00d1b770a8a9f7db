using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Gateway;

/// <summary>Answers 404 for a queue that is not there, before anything else is looked at.</summary>
internal static class QueueFilter
{
    public static TBuilder RequireQueue<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder =>
        builder.AddEndpointFilter(async (context, next) =>
            context.HttpContext.Request.RouteValues["queue"] is string name && !JobQueues.TryGet(name, out _)
                ? Problems.UnknownQueue(name)
                : await next(context));
}
