# reader plug-in: aws-vpc
