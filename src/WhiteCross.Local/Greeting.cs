namespace WhiteCross.Local;

/// <summary>What is printed once the system is ready.</summary>
internal static class Greeting
{
    public static string For(LocalOptions options, LocalSystem system)
    {
        var gateway = system.GatewayAddress.ToString().TrimEnd('/');
        return $"""

            White Cross queues are ready {(options.Redis is { } redis ? $"on Redis at {redis}." : "in memory: jobs end with this process. (--redis keeps them.)")}

              Dashboard   {gateway}
              API         {gateway}/docs
              Sidecar     {system.SidecarAddress.ToString().TrimEnd('/')}

            Try:
              curl -X POST {gateway}/queue/message-delivery/jobs -H 'content-type: application/json' -d @samples/send-message.json

            Ctrl-C stops.
            """;
    }
}
