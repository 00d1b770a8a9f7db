using WhiteCross.Sidecar.Resiliency;
using WhiteCross.Sidecar.Resources;

namespace WhiteCross.Sidecar.Delivery;

/// <summary>
/// What the sidecar asks of the app once in its life, when the app listens: its configuration, its subscriptions. Only calls that do not reach the
/// app are repeated; an answer, whatever it is, is taken as it comes.
/// </summary>
internal static partial class AppStart
{
    public static async Task<IReadOnlyList<SubscriptionResource>> AskAsync(
        AppChannel app, SidecarOptions options, ResiliencyProvider resiliency, ILogger logger, CancellationToken cancellationToken)
    {
        if (!options.DisableInitEndpoints.Contains("config"))
        {
            await GetAsync("/dapr/config");
        }

        if (options.DisableInitEndpoints.Contains("subscribe") || await GetAsync("/dapr/subscribe") is not { } answer)
        {
            return [];
        }

        if (answer.Status == 200)
        {
            return AppSubscriptions.Read(answer.Body, logger);
        }

        if (answer.Status != 404)
        {
            LogUnexpected(logger, answer.Status);
        }

        return [];

        async Task<AppAnswer?> GetAsync(string path)
        {
            try
            {
                return await resiliency.ForInitialization().ExecuteAsync(
                    async token =>
                    {
                        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(app.Address, path));
                        request.Headers.TryAddWithoutValidation("dapr-app-id", options.AppId);
                        return await app.CallAsync(request, token);
                    },
                    cancellationToken);
            }
            catch (PolicyFailureException exception)
            {
                LogNoAnswer(logger, exception, path);
                return null;
            }
        }
    }

    [LoggerMessage(LogLevel.Warning, "GET /dapr/subscribe: the app answered {Status}; it has no subscriptions of its own")]
    private static partial void LogUnexpected(ILogger logger, int status);

    [LoggerMessage(LogLevel.Error, "GET {Path}: the app gave no answer; the sidecar goes on without it")]
    private static partial void LogNoAnswer(ILogger logger, Exception exception, string path);
}
