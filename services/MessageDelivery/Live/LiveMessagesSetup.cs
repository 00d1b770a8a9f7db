using WhiteCross.ServiceDefaults;

namespace WhiteCross.MessageDelivery;

/// <summary>Registers the hub.</summary>
internal static class LiveMessagesSetup
{
    public static void AddLiveMessages(this IServiceCollection services)
    {
        services.AddSignalR();
        services.AddSingleton<IPresence, LocalPresence>();
        services.AddSingleton<LiveMessages>();
        services.AddScoped<MessageStatusMover>();
    }

    public static void MapLiveMessages(this WebApplication app)
    {
        // A hub can only drop a connection that names no user; here the client still hears why.
        app.Use(async (context, next) =>
        {
            if (context.Request.Path.StartsWithSegments(MessageHub.Path, StringComparison.Ordinal)
                && context.GetEndpoint() is not null
                && UserAuthentication.FindUser(context) is { UserId: null } user)
            {
                await TypedResults.ValidationProblem(new Dictionary<string, string[]>
                {
                    [UserAuthentication.UserParameter] = [user.Error ?? "is required: the uuid of the user who connects."],
                }).ExecuteAsync(context);
                return;
            }

            await next(context);
        });
        app.MapHub<MessageHub>(MessageHub.Path).RequireUser(app.Services).TakesAnyRequest();
    }
}
