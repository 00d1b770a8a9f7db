using WhiteCross.MessageDelivery;

await MessageDeliveryApp.Create(args).RunAsync();
