using WhiteCross.Gateway;

await GatewayApp.Create(args).RunAsync();
